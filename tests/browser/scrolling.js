// Scrolls a table *steps* times, a frame each, and resolves to what people saw: frames, rows that were missing.
async ({ steps, by }) => {
  const area = document.querySelector(".levada-table-area");
  const frame = () => new Promise(requestAnimationFrame);
  const work = [];
  let [blank, most] = [0, 0];
  for (let step = 0; step < steps; step += 1) {
    const begun = performance.now();
    if (by > 0) area.scrollTop += by;
    else area.scrollTop = ((step * 7919) % 1000) / 1000 * area.scrollHeight;
    area.dispatchEvent(new Event("scroll"));
    work.push(performance.now() - begun);
    await frame();
    const [view, rows] = [area.querySelector(".levada-rows-view"), area.querySelectorAll(".levada-rows .levada-row")];
    const [box, first, last] = [view, rows[0], rows[rows.length - 1]].map((it) => it?.getBoundingClientRect());
    if (!first || first.top > box.top + 1 || last.bottom < box.bottom - 1) blank += 1;
    most = Math.max(most, area.querySelectorAll("*").length);
  }
  work.sort((one, other) => one - other);
  return { blank, elements: most, median: work[steps >> 1], worst: work[steps - 1] };
}
