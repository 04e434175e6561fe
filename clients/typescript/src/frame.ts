// When to show what has come: with the next animation frame, and soon also where no frames are drawn.

// Hidden tabs draw no frames, and outside of browsers there are none.
const WITHOUT_FRAMES = 100;

export type Schedule = (task: () => void) => void;

export const nextFrame: Schedule = (task) => {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    task();
  };
  const timer = setTimeout(once, WITHOUT_FRAMES);
  if (typeof requestAnimationFrame !== "undefined") requestAnimationFrame(once);
};
