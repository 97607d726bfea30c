'use strict';
(() => {
const chart = document.getElementById('chart');
if (!chart) return;
const data = JSON.parse(document.getElementById('data').textContent);
const rows = document.getElementById('rows'), tip = document.getElementById('tip');
const shades = rows.querySelector('.shades'), cursor = shades.querySelector('.cursor');
const selection = shades.querySelector('.selection'), ticks = document.getElementById('ticks');
const drawings = [...rows.querySelectorAll('svg')], tags = [...rows.querySelectorAll('.tag')];
const range = document.getElementById('range'), readout = document.getElementById('readout');
const W = data.width;
let from = 0, to = W, at = null;
const two = n => String(n).padStart(2, '0');
// Hundredths of a second since the run's origin, as h:mm:ss with as many decimals as the view needs.
function clock(x, decimals) {
  const h = x + data.start, s = Math.floor(Math.abs(h) / 100), rest = Math.round(Math.abs(h)) % 100;
  const text = s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
    : `${Math.floor(s / 60)}:${two(s % 60)}`;
  return (h < 0 ? '-' : '') + text + (decimals ? '.' + two(rest).slice(0, decimals) : '');
}
const steps = [10, 20, 50, 100, 200, 500, 1000, 1500, 3000, 6000, 12000, 30000, 60000, 90000, 180000, 360000,
  720000, 1440000, 2160000, 4320000, 8640000];
function view(a, b) {
  const length = Math.min(W, Math.max(20, b - a));
  from = Math.max(0, Math.min(W - length, a));
  to = from + length;
  for (const svg of drawings) {
    svg.setAttribute('viewBox', `${from} 0 ${length} ${svg.viewBox.baseVal.height}`);
  }
  const place = x => (x - from) / length * 100;
  for (const tag of tags) {
    const a = Math.max(0, place(+tag.dataset.from)), b = Math.min(100, place(+tag.dataset.to));
    // A cut-off name says less than none; hovering tells it.
    tag.hidden = (b - a) / 100 * ticks.clientWidth < tag.textContent.length * 8 + 8;
    tag.style.left = a + '%';
    tag.style.width = Math.max(0, b - a) + '%';
  }
  const room = Math.max(2, Math.floor(ticks.clientWidth / 85));
  const step = steps.find(s => length / s <= room) || 8640000;
  ticks.textContent = '';
  for (let t = Math.ceil((from + data.start) / step) * step - data.start; t <= to; t += step) {
    const mark = document.createElement('span');
    mark.textContent = clock(t, step < 100 ? 1 : 0);
    mark.style.left = place(t) + '%';
    // At an edge a centred label would stick out.
    if (place(t) > 97) mark.style.transform = 'translateX(-100%)';
    if (place(t) < 2) mark.style.transform = 'none';
    ticks.append(mark);
  }
  range.textContent = `${clock(from, length < 6000 ? 1 : 0)} to ${clock(to, length < 6000 ? 1 : 0)}`;
  place_cursor();
}
function place_cursor() {
  cursor.hidden = at === null || at < from || at > to;
  if (!cursor.hidden) cursor.style.left = (at - from) / (to - from) * 100 + '%';
}
const zoom = (factor, centre) => {
  const c = centre ?? (at !== null && at >= from && at <= to ? at : (from + to) / 2), length = (to - from) * factor;
  const share = (c - from) / (to - from);
  view(c - length * share, c + length * (1 - share));
};
// The last entry of a flat list with `size` numbers each that begins at or before x.
function entry(list, size, x) {
  let low = 0, high = list.length / size - 1, found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (list[middle * size] <= x) { found = middle; low = middle + 1; } else high = middle - 1;
  }
  return found < 0 || list[found * size + 1] < x ? null : list.slice(found * size, found * size + size);
}
function tell(key, x) {
  const index = +key.slice(1);
  if (key[0] === 'r') {
    const row = data.rows[index], span = entry(row.spans, 3, x);
    return [row.name, span ? data.words[span[2]] : 'nothing known'];
  }
  if (key[0] === 'l') {
    const strip = data.strips[index], s = entry(strip.segments, 6, x);
    if (!s) return [strip.name, 'no slots'];
    const length = (s[1] - s[0]) / 100;
    return [strip.name, `${s[3]} of ${s[2] + s[3]} slots bad in ${length} s` + (s[4] ? `, ${s[4]} excluded` : '')
      + (s[5] ? `; slowest good answer ${(s[5] / 1000).toFixed(1)} ms` : '')];
  }
  return ['Faults', faults(x).join('; ') || 'none in force'];
}
const faults = x => data.faults.filter(f => f[0] <= x && x < f[1]).map(f => data.words[f[2]]);
const utc = x => new Date(data.unix + (x + data.start) * 10).toISOString().slice(11, 22) + ' UTC';
function hover(event) {
  const row = event.target.closest && event.target.closest('.row'), box = shades.getBoundingClientRect();
  if (!row || !row.dataset.key || event.clientX < box.left) { tip.hidden = true; return; }
  const x = from + (event.clientX - box.left) / box.width * (to - from);
  const [name, words] = tell(row.dataset.key, x);
  tip.textContent = '';
  const head = document.createElement('b');
  head.textContent = name;
  tip.append(head, words, document.createElement('br'), `at ${clock(x, 2)}, ${utc(x)}`);
  const force = faults(x);
  if (force.length && row.dataset.key[0] !== 'f') tip.append(document.createElement('br'), 'in force: ' + force.join('; '));
  tip.hidden = false;
  const outer = chart.getBoundingClientRect();
  const left = Math.min(event.clientX - outer.left + 14, outer.width - tip.offsetWidth - 4);
  tip.style.left = Math.max(0, left) + 'px';
  tip.style.top = row.getBoundingClientRect().bottom - outer.top + 6 + 'px';
}
function go(x, speak) {
  at = Math.max(0, Math.min(W, x));
  if (at < from || at > to) view(at - (to - from) / 2, at + (to - from) / 2); else place_cursor();
  if (!speak) return;
  const odd = [];
  for (const row of rows.querySelectorAll('.row[data-key]')) {
    const [name, words] = tell(row.dataset.key, at);
    if (row.dataset.key[0] === 'f' || !/^(Ready$|in$|in the set|nothing known|no slots|0 of |none$)/.test(words)) odd.push(`${name}: ${words}`);
  }
  readout.textContent = `${clock(at, 2)}, ${utc(at)}. ${odd.join('. ')}`;
}
function fault(direction) {
  const starts = data.faults.filter(f => !f[3]), here = at ?? (direction > 0 ? -1 : W + 1);
  const next = direction > 0 ? starts.find(f => f[0] > here) : starts.findLast(f => f[0] < here);
  if (!next) return;
  const length = Math.max(1000, (next[1] - next[0]) * 1.6);
  view(next[0] - length * 0.15, next[0] + length * 0.85);
  go(next[0], true);
}
const acts = { in: () => zoom(0.5), out: () => zoom(2), all: () => view(0, W), next: () => fault(1), before: () => fault(-1) };
for (const button of chart.querySelectorAll('button')) button.addEventListener('click', () => acts[button.dataset.do]());
rows.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = (to - from) / (event.shiftKey ? 10 : 100), here = at ?? (from + to) / 2;
  const keys = { ArrowLeft: () => go(here - step, true), ArrowRight: () => go(here + step, true), '+': acts.in, '=': acts.in,
    '-': acts.out, '0': acts.all, n: acts.next, p: acts.before, Home: () => go(0, true), End: () => go(W, true) };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
let down = null;
const inside = event => {
  const box = shades.getBoundingClientRect();
  return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
};
rows.addEventListener('pointerdown', event => {
  if (event.button !== 0 || event.clientX < shades.getBoundingClientRect().left) return;
  down = inside(event);
});
rows.addEventListener('pointermove', event => {
  hover(event);
  if (down === null) return;
  const now = inside(event);
  selection.hidden = Math.abs(now - down) < 0.005;
  selection.style.left = Math.min(now, down) * 100 + '%';
  selection.style.width = Math.abs(now - down) * 100 + '%';
});
window.addEventListener('pointerup', event => {
  if (down === null) return;
  const now = inside(event), length = to - from, start = from;
  if (Math.abs(now - down) >= 0.005) view(start + Math.min(now, down) * length, start + Math.max(now, down) * length);
  else { go(start + now * length, true); }
  down = null;
  selection.hidden = true;
});
window.addEventListener('pointercancel', () => { down = null; selection.hidden = true; });
rows.addEventListener('pointerleave', () => { tip.hidden = true; });
rows.addEventListener('dblclick', acts.all);
rows.addEventListener('wheel', event => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, from + inside(event) * (to - from));
}, { passive: false });
// #t=SECONDS since the run's origin.
function follow() {
  const match = /^#t=(-?[0-9.]+)$/.exec(location.hash);
  if (!match) return;
  const x = parseFloat(match[1]) * 100 - data.start, length = Math.min(W, Math.max(2000, Math.min(to - from, 6000)));
  view(x - length / 4, x + length * 3 / 4);
  go(x, true);
  chart.scrollIntoView({ block: 'start' });
}
window.addEventListener('hashchange', follow);
// A second click on the same link leads there again.
document.addEventListener('click', event => {
  const link = event.target.closest && event.target.closest('a[href^="#t="]');
  if (link && link.getAttribute('href') === location.hash) { event.preventDefault(); follow(); }
});
window.addEventListener('resize', () => view(from, to));
let folded = [];
window.addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('details:not([open])')];
  for (const item of folded) item.open = true;
});
window.addEventListener('afterprint', () => { for (const item of folded) item.open = false; });
view(0, W);
follow();
chart.dataset.ready = 'yes';
})();
