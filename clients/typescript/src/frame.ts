// When to show what has come: with the next animation frame, and soon also where no frames are drawn.
import { isHidden } from "./visibility.js";

export type Schedule = (task: () => void) => void;

const FRAME = 16;
// A frame that was asked for is not drawn while the tab is hidden: then what has come is not left lying for longer.
const LATE = 100;

/** Whether anybody could see that a frame comes late. */
export function framesAreDrawn(): boolean {
  return typeof requestAnimationFrame !== "undefined" && !isHidden();
}

export const nextFrame: Schedule = (task) => {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    task();
  };
  const drawn = framesAreDrawn();
  const timer = setTimeout(once, drawn ? LATE : FRAME);
  if (drawn) requestAnimationFrame(once);
};
