// Resolves to what looks wrong on the page: texts that are cut off, things that lie upon each other, a page too wide.
() => {
  const wrong = [];
  const told = (element) => `${element.localName}.${element.className?.baseVal ?? element.className}: ${element.textContent.slice(0, 60)}`;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page is ${root.scrollWidth} wide, not ${root.clientWidth}`);

  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const unseen = (element) => element.closest(".unseen, .levada-unseen, [aria-hidden=true], .skip, svg, option");
  const scrolls = (element) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(each).overflowX)) return true;
    }
    return false;
  };
  const texts = [...document.body.querySelectorAll("*")].filter(
    (element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()) &&
      seen(element) && !unseen(element),
  );
  for (const element of texts) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const cut = style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
    if (cut && style.textOverflow !== "ellipsis" && !scrolls(element)) wrong.push(`cut off: ${told(element)}`);
    if ((box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(element)) wrong.push(`outside: ${told(element)}`);
  }

  // What is cut off by what is around it is not there.
  const clipped = ({ element, box: { left, top, right, bottom } }) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      if (getComputedStyle(each).overflowY === "visible") continue;
      const around = each.getBoundingClientRect();
      [left, top] = [Math.max(left, around.left), Math.max(top, around.top)];
      [right, bottom] = [Math.min(right, around.right), Math.min(bottom, around.bottom)];
    }
    return { left, top, right, bottom };
  };
  const overlap = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  const words = texts.flatMap((element) =>
    [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
      .flatMap((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].map((box) => ({ element, box }));
      }),
  );

  // What people press or type into must not lie upon another such thing, nor under anything else.
  const controls = [...document.querySelectorAll("button, a[href], input:not([type=radio]), select, textarea")].filter(
    (element) => seen(element) && !unseen(element),
  );
  // What stays in sight while a page is scrolled lies upon what passes beneath it.
  const stays = (element) => {
    if (root.scrollHeight <= innerHeight) return false;
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      if (/sticky|fixed/.test(getComputedStyle(each).position)) return true;
    }
    return false;
  };
  for (const element of controls) {
    const box = element.getBoundingClientRect();
    const covered = !stays(element) && words.find(
      (word) =>
        !element.contains(word.element) &&
        !scrolls(word.element) &&
        overlap(box, word.box) &&
        overlap(box, clipped(word)),
    );
    if (covered) wrong.push(`${told(element)} lies upon the text of ${told(covered.element)}`);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (box.width < 2 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const top = document.elementFromPoint(x, y);
    if (top && !element.contains(top) && !top.contains(element) && !top.closest("label")?.contains(element)) {
      wrong.push(`${told(element)} lies under ${told(top)}`);
    }
  }
  return wrong;
}
