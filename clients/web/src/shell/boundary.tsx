/** Keeps a view that breaks from taking the page with it; most often its code is gone, since the page was renewed. */
import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** What is shown; when it changes, it is tried again. */
  at: string;
  children: ReactNode;
}

interface BoundaryState {
  broken: boolean;
  at: string;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state = { broken: false, at: this.props.at };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  static getDerivedStateFromProps({ at }: BoundaryProps, state: BoundaryState) {
    return at === state.at ? null : { broken: false, at };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <div className="problem" role="alert">
        <p>This could not be shown. The page may have been renewed meanwhile: load it again.</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    );
  }
}
