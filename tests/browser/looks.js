// What can be measured of a page: returns a list of what is wrong with it.
() => {
  const wrong = [];

  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`it is ${document.documentElement.scrollWidth} wide`);

  // Every colour of text is readable on what is painted behind it (WCAG 2.2, 1.4.3 AA).
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const painted = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const rgba = (colour) => known.get(colour) ?? known.set(colour, painted(colour)).get(colour);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba("canvas");
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const said = texts.currentNode.textContent.trim();
    if (!said || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const found = contrast(rgba(style.color), behind(element));
    if (found < needed) wrong.push(`"${said}" has a contrast of ${found.toFixed(2)}`);
  }
  // So are the borders by which a control is known as one (1.4.11).
  for (const control of document.querySelectorAll("input:not([type=hidden], [type=range]), select, button:not(.primary)")) {
    if (!control.checkVisibility()) continue;
    const found = contrast(rgba(getComputedStyle(control).borderTopColor), behind(control.parentElement));
    if (found < 3) wrong.push(`the border of ${control.outerHTML} has a contrast of ${found.toFixed(2)}`);
  }

  // Those who do not see it can find their way.
  for (const control of document.querySelectorAll("input:not([type=hidden]), select")) {
    if (!control.labels?.length) wrong.push(`${control.outerHTML} has no label`);
  }
  for (const named of document.querySelectorAll("a, button")) {
    if (!named.textContent.trim()) wrong.push(`${named.outerHTML} has no name`);
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption || !table.querySelector("th[scope=col]")) wrong.push("a table has no caption or no columns");
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size < ids.length) wrong.push(`an id is there twice: ${ids}`);
  for (const [landmark, number] of [["main", 1], ["header.top", 1], ["h1", 1], ["a.skip[href='#main']", 1], ["html[lang]", 1]]) {
    if (document.querySelectorAll(landmark).length !== number) wrong.push(`${landmark} is not there once`);
  }
  const levels = [...document.querySelectorAll("h1, h2, h3")].map((heading) => Number(heading.tagName[1]));
  if (levels.some((level, index) => level > (levels[index - 1] ?? 0) + 1)) wrong.push(`headings skip a level: ${levels}`);
  return wrong;
}
