/** A button that opens a small panel: closed by Escape, by a click elsewhere, and when the focus leaves it. */
import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "./icons";

interface MenuProps {
  label: string;
  /** What is chosen there, for who can't see it, where the label is only what was chosen. */
  name?: string;
  /** None makes it look like a field of a form. */
  icon?: IconName;
  /** Whether the panel hangs from the button's right edge. */
  end?: boolean;
  /** Whether choosing something in it closes it. */
  closes?: boolean;
  children: ReactNode;
}

export function Menu({ label, name, icon, end = false, closes = false, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const pressed = (event: PointerEvent) => place.current?.contains(event.target as Node) || setOpen(false);
    addEventListener("pointerdown", pressed);
    return () => removeEventListener("pointerdown", pressed);
  }, [open]);

  function keyed(event: KeyboardEvent) {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  }

  function left(event: FocusEvent) {
    if (event.relatedTarget && !place.current?.contains(event.relatedTarget)) setOpen(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape and leaving are told of by what is inside
    <span className="menu" ref={place} onKeyDown={keyed} onBlur={left}>
      <button
        type="button"
        ref={button}
        className={icon ? "button quiet-button" : "field menu-field"}
        aria-label={name && `${name}: ${label}`}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {icon ? <Icon name={icon} /> : null}
        {icon ? <span>{label}</span> : label}
      </button>
      {open ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: only closes what was used
        // biome-ignore lint/a11y/useKeyWithClickEvents: a key on a button or link inside is a click too
        <div
          id={id}
          // Pressing a label's text moves the focus to what is around it: that must not be outside.
          tabIndex={-1}
          className={end ? "menu-panel end" : "menu-panel"}
          onClick={() => closes && setOpen(false)}
        >
          {children}
        </div>
      ) : null}
    </span>
  );
}
