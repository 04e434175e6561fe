// Scrolls a table *steps* times, a frame each, and resolves to what people saw: how often rows were missing.
async ({ steps, by }) => {
  const area = document.querySelector(".levada-table-area");
  let [blank, most] = [0, 0];
  for (let step = 0; step < steps; step += 1) {
    if (by > 0) area.scrollTop += by;
    else area.scrollTop = (((step * 7919) % 1000) / 1000) * area.scrollHeight;
    area.dispatchEvent(new Event("scroll"));
    await new Promise(requestAnimationFrame);
    await new Promise((resolve) => setTimeout(resolve));
    const rows = area.querySelectorAll(".levada-rows .levada-row");
    const [box, first, last] = [area.querySelector(".levada-rows-view"), rows[0], rows[rows.length - 1]].map((it) =>
      it?.getBoundingClientRect(),
    );
    if (!first || first.top > box.top + 1 || last.bottom < box.bottom - 1) blank += 1;
    most = Math.max(most, area.querySelectorAll("*").length);
  }
  return { blank, elements: most };
}
