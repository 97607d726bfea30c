// What is wrong with a page as it is shown now, as a list of sentences: for any page, at any width, light or dark.
(() => {
  const problems = [];
  const all = selector => [...document.querySelectorAll(selector)];
  const shown = item => item.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const words = item => (item.getAttribute('aria-label') || item.textContent || item.tagName).trim().slice(0, 40);
  const where = item => `<${item.tagName.toLowerCase()}> "${words(item)}"`;

  // Nothing sticks out to the side, but for what scrolls by itself.
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth > width + 1) {
    const wide = all('body *').filter(item => shown(item) && item.getBoundingClientRect().right > width + 1
      && !item.closest('.scroll, pre, svg'));
    problems.push(`${document.scrollingElement.scrollWidth} px wide on a screen of ${width}: ${wide.slice(0, 3).map(where)}`);
  }

  // Where a screen reader finds its way by: one title, one main part, headings that leave out no level.
  if (!document.documentElement.lang) problems.push('the page has no language');
  if (!document.title) problems.push('the page has no title');
  for (const selector of ['main', 'h1', 'header', 'nav[aria-label]']) {
    if (all(selector).length !== 1) problems.push(`${all(selector).length} of ${selector}, not one`);
  }
  all('h1, h2, h3, h4').reduce((level, heading) => {
    const own = +heading.tagName[1];
    if (own > level + 1) problems.push(`${where(heading)} leaves out a level`);
    return own;
  }, 0);
  for (const item of all('[aria-labelledby], [aria-describedby]')) {
    const ids = `${item.getAttribute('aria-labelledby') || ''} ${item.getAttribute('aria-describedby') || ''}`;
    for (const id of ids.split(' ').filter(Boolean)) {
      if (!document.getElementById(id)) problems.push(`${where(item)} refers to #${id}, which is not there`);
    }
  }

  const seen = new Set();
  for (const { id } of all('[id]')) {
    if (seen.has(id)) problems.push(`the id ${id} stands twice`);
    seen.add(id);
  }
  for (const link of all('a[href^="#"]')) {
    const target = link.getAttribute('href').slice(1);
    if (!target.startsWith('t=') && !seen.has(target)) problems.push(`${where(link)} leads to #${target}, which is not there`);
  }

  for (const table of all('table')) {
    if (!table.caption?.textContent.trim()) problems.push(`${where(table)} has no caption`);
    if (![...table.querySelectorAll('th')].length) problems.push(`${where(table)} has no heads`);
    if ([...table.querySelectorAll('th')].some(head => !head.scope)) problems.push(`${where(table)} has a head without scope`);
    // A table may scroll to the side; what it is about is read without that.
    const text = document.createRange();
    if (!table.caption || !shown(table)) continue;
    text.selectNodeContents(table.caption);
    if (text.getBoundingClientRect().right > width + 1) problems.push(`${where(table.caption)} is cut off`);
  }
  for (const row of all('.row[data-key]')) {
    if (!row.querySelector('svg[role=img][aria-label]')) problems.push(`the row ${words(row)} says nothing`);
  }
  for (const svg of all('svg')) {
    const isNamed = svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label');
    if (!isNamed && !svg.closest('[aria-hidden="true"]')) problems.push('a drawing has neither a name nor aria-hidden');
  }
  // What scrolls can be scrolled by the keyboard.
  for (const item of all('.scroll, pre')) {
    if (shown(item) && item.scrollWidth > item.clientWidth + 1 && item.tabIndex < 0) problems.push(`${where(item)} scrolls, but not by keyboard`);
  }

  // No label lies on another one of the same drawing.
  const groups = new Map();
  for (const label of all('svg text, .axis span, .tag')) {
    if (!shown(label)) continue;
    const home = label.closest('svg, .plot');
    groups.set(home, [...groups.get(home) || [], label]);
  }
  for (const labels of groups.values()) {
    const boxes = labels.map(label => [label, label.getBoundingClientRect()]).filter(([, box]) => box.width > 0)
      .sort((a, b) => a[1].left - b[1].left);
    boxes.slice(1).forEach(([label, box], index) => {
      const [other, before] = boxes[index];
      const over = before.right - box.left;
      if (over > 1.5 && box.top < before.bottom - 1 && before.top < box.bottom - 1) {
        problems.push(`${where(label)} overlaps ${where(other)} by ${over.toFixed(0)} px`);
      }
    });
  }

  // Contrast by WCAG 2.1: 4.5, or 3 for large letters. Washes that let light through are laid over what is below.
  const parse = text => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a), a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = item => {
    const layers = [];
    for (let place = item; place; place = place.parentElement) {
      const colour = parse(getComputedStyle(place).backgroundColor);
      layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const poor = new Map();
  for (const item of all('body *')) {
    const isText = [...item.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!isText || !shown(item) || item.closest('script, style, .skip')) continue;
    const style = getComputedStyle(item), below = ground(item);
    const ink = over(parse(item.closest('svg') ? style.fill : style.color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.6 && +style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    const kind = `${item.tagName}.${item.className?.baseVal ?? item.className}`;
    if (ratio < (isLarge ? 3 : 4.5) && !poor.has(kind)) poor.set(kind, `${where(item)} has a contrast of ${ratio.toFixed(2)}`);
  }
  problems.push(...poor.values());
  return problems;
})()
