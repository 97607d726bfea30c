"""Looks at one HTML page in a real browser, as readers do: at three widths, light, dark and on paper, by keyboard, by mouse
and through the accessibility tree. Prints what is wrong and exits with 1 if anything is.

    check_page.py PAGE [--name NAME] [--summary summary.json] [--shots FOLDER] [--budget TIMES]

With --summary the page is a run's report, and what the summary names must be in its timeline and tables.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys

from chromium import BrowserError, Chromium

HERE = pathlib.Path(__file__).parent
WIDTHS = (1400, 800, 400)
# What a reader waits for an act in the timeline, in milliseconds, to the second frame after it.
MEDIAN, WORST = 250, 2000
LARGEST = 5_000_000
# Roles that say nothing without a name.
NAMED = {"button", "link", "image", "img", "table", "region", "heading", "textbox", "toolbar", "navigation"}

# Milliseconds from each key, click and movement to the second frame after it.
STOPWATCH = """
window.waits = [];
for (const kind of ['keydown', 'click', 'wheel', 'pointermove']) {
  window.addEventListener(kind, event => requestAnimationFrame(() => requestAnimationFrame(
    () => window.waits.push(performance.now() - event.timeStamp))), { capture: true, passive: true });
}
"""

# What has the focus: its place among all that can have it, and whether a reader sees that it has.
FOCUS = """(() => {
  const all = [...document.querySelectorAll('a[href], button, summary, [tabindex="0"]')].filter(item => item.checkVisibility());
  const item = document.activeElement, style = getComputedStyle(item), box = item.getBoundingClientRect();
  return {
    place: all.indexOf(item), count: all.length, name: (item.getAttribute('aria-label') || item.textContent).trim().slice(0, 40),
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
    inView: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
})()"""


def looks(browser, url, name, shots):
    """Problems at each width, light and dark, and on paper; and pictures."""
    audit = (HERE / "audit.js").read_text()
    problems = []
    for width in WIDTHS:
        for dark in (False, True):
            place = f"{width} px{', dark' if dark else ''}"
            browser.view(width, 1000, dark=dark)
            browser.open(url)
            if shots:
                browser.screenshot(shots / f"{name}-{width}{'-dark' if dark else ''}.png", height=1600)
            # What is folded is looked at, too.
            browser.run("for (const item of document.querySelectorAll('details')) item.open = true")
            browser.settle()
            problems += [f"{place}: {words}" for words in browser.run(audit)]
    # A4 without its margins.
    browser.view(718, 1000, medium="print")
    browser.open(url)
    problems += [f"printed: {words}" for words in browser.run(audit)]
    if browser.run("[...document.querySelectorAll('.screen, nav')].some(item => item.checkVisibility())"):
        problems.append("printed: buttons and links that paper has no use for")
    browser.view(1400, 1000)
    browser.open(url)
    pdf = browser.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    if not pages:
        problems.append("nothing is printed")
    if shots:
        (shots / f"{name}.pdf").write_bytes(pdf)
    print(f"  printed on {pages} pages")
    return problems


def names(browser):
    """What a screen reader would not be able to say."""
    return [f"a {role} has no name" for role, name in browser.names() if role in NAMED and not name.strip()]


def keyboard(browser, url):
    """Whether everything that acts is reached by the tab key, in the order of the page, and seen to be."""
    browser.view(1400, 1000)
    browser.open(url)
    problems = []
    browser.press("Tab")
    first = browser.run("[document.activeElement.className, document.activeElement.getAttribute('href')]")
    if first != ["skip", "#main"]:
        problems.append("the first stop is not the link to the content")
    browser.press("Enter")
    browser.settle()
    browser.press("Tab")
    if not browser.run("!!document.activeElement.closest('main')"):
        problems.append("the link to the content does not lead there")
    browser.open("about:blank")
    browser.open(url)
    # A page with a thousand links: the first few hundred stops represent all.
    for stop in range(300):
        browser.press("Tab")
        focus = browser.run(FOCUS)
        if focus["place"] != stop:
            problems.append(f"stop {stop + 1} by keyboard is \"{focus['name']}\", the {focus['place'] + 1}th that there is")
            break
        if not focus["marked"]:
            problems.append(f"\"{focus['name']}\" does not show that it has the focus")
        if not focus["inView"]:
            problems.append(f"\"{focus['name']}\" has the focus out of sight")
        if stop + 1 == focus["count"]:
            break
    print(f"  {stop + 1} stops by keyboard")
    return problems


def contents(browser, source, summary):
    """Whether the report has what the summary names."""
    problems = []
    for section in ("verdict", "timeline", "environment", "plan"):
        if not browser.run(f"!!document.querySelector('main section#{section}')"):
            problems.append(f"no section {section}")
    labels = set(browser.run("[...document.querySelectorAll('#rows .row .label')].map(item => item.textContent)"))
    text = browser.run("document.querySelector('main').textContent")
    drawn = browser.run("[...document.querySelectorAll('#rows .row svg')].map(item => item.getAttribute('aria-label'))")
    for trial in summary["trials"]:
        problems += [f"no row for lane {lane}" for lane in trial["availability"] if lane not in labels]
        problems += [f"fault {fault['id']} is nowhere" for fault in trial["faults"] if fault["id"] not in text]
    if any(trial["faults"] for trial in summary["trials"]):
        if not any("fault" in words.lower() for words in drawn):
            problems.append("no row of faults")
        if not browser.run("(document.querySelector('#rows .shades path')?.getAttribute('d') || '').length > 0"):
            problems.append("no fault is shaded through the rows")
    # It reads without script, too.
    if not re.search(r'<path class="k-(good|brownout|blackout)"', source):
        problems.append("the strips are not drawn without script")
    return problems


class Handling:
    """Zoom, hover and links, by keyboard and mouse."""

    VIEW = "document.querySelector('#rows .row svg').getAttribute('viewBox')"

    def __init__(self, browser, url):
        self.browser, self.url = browser, url
        self.problems = []

    def expect(self, is_met, words):
        if not is_met:
            self.problems.append(words)

    def press(self, *keys):
        for key in keys:
            self.browser.press(key)
            self.browser.settle()

    def mouse(self, kind, x, y, **given):
        self.browser.mouse(kind, x, y, **given)
        self.browser.settle()

    def check(self, budget):
        """Everything wrong, waits above what a reader has the patience for among it."""
        browser = self.browser
        browser.view(1400, 1000)
        browser.open(self.url)
        browser.run(STOPWATCH)
        browser.run("document.getElementById('rows').scrollIntoView(), document.getElementById('rows').focus()")
        whole = browser.run(self.VIEW)
        self.by_keyboard(whole)
        self.by_mouse(whole)
        waits = browser.run("window.waits")
        median, worst = statistics.median(waits), max(waits)
        print(f"  {len(waits)} acts took {median:.0f} ms in the median, {worst:.0f} ms at most")
        self.expect(median <= MEDIAN * budget, f"an act takes {median:.0f} ms in the median")
        self.expect(worst <= WORST * budget, f"an act took {worst:.0f} ms")
        self.links()
        return self.problems

    def by_keyboard(self, whole):
        browser = self.browser
        self.press("+", "+", "+", "+")
        self.expect(browser.run(self.VIEW) != whole, "the key + does not zoom")
        self.press("ArrowRight", "ArrowRight", "ArrowLeft", "-")
        self.expect(
            browser.run("document.getElementById('readout').textContent.trim() !== ''"), "moving the cursor says nothing")
        self.press("0")
        self.expect(browser.run(self.VIEW) == whole, "the key 0 does not show the whole run")
        if browser.run("JSON.parse(document.getElementById('data').textContent).faults.length > 0"):
            self.press("n")
            self.expect(browser.run(self.VIEW) != whole, "the key n does not lead to a fault")
            self.press("n", "n", "p", "0")
        for act in ("in", "out", "all"):
            before = browser.run(self.VIEW)
            browser.run(f"document.querySelector('#chart button[data-do={act}]').focus()")
            self.press("Enter")
            self.expect(act == "all" or browser.run(self.VIEW) != before, f"the button {act} does nothing")

    def by_mouse(self, whole):
        browser = self.browser
        left, top, width, height = browser.run(
            "(() => { const b = document.querySelector('#rows .row.strip .plot').getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height]; })()")
        y = top + height / 2
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            self.mouse("mouseMoved", left + share * width, y)
        tip = "document.getElementById('tip')"
        self.expect(
            browser.run(f"!{tip}.hidden && {tip}.textContent.length > 10"), "hovering tells nothing")
        for turn in range(6):
            self.mouse("mouseWheel", left + width / 2, y, deltaX=0, deltaY=-120 if turn < 3 else 120, modifiers=2)
        browser.mouse("mousePressed", left + 0.3 * width, y, button="left", clickCount=1)
        browser.mouse("mouseMoved", left + 0.6 * width, y, button="left", buttons=1)
        self.mouse("mouseReleased", left + 0.6 * width, y, button="left", clickCount=1)
        self.expect(browser.run(self.VIEW) != whole, "dragging does not zoom")
        browser.run("document.getElementById('rows').focus()")
        self.press("0")

    def links(self):
        browser = self.browser
        if not browser.run("!!document.querySelector('a[href^=\"#t=\"]')"):
            self.problems.append("no moment has a link")
            return
        browser.run("document.querySelector('a[href^=\"#t=\"]').click()")
        browser.settle()
        shown = "!document.querySelector('#rows .cursor').hidden"
        self.expect(browser.run("location.hash.startsWith('#t=')"), "a moment's link is not in the address")
        self.expect(browser.run(shown), "a moment's link does not show it")
        moment = browser.run("location.hash")
        browser.open("about:blank")
        browser.open(self.url + moment)
        self.expect(browser.run(shown), "a shared link does not lead to its moment")


def problems_of(given, source, browser):
    """All that is wrong with a page, in an open browser."""
    url = given.page.resolve().as_uri()
    problems = looks(browser, url, given.name or given.page.stem, given.shots)
    browser.view(1400, 1000)
    browser.open(url)
    problems += names(browser)
    if given.summary:
        problems += contents(browser, source, json.loads(given.summary.read_text()))
        problems += Handling(browser, url).check(given.budget)
    problems += keyboard(browser, url)
    problems += browser.messages
    return problems + [
        f"asks the network for {asked}" for asked in browser.requests
        if not asked.startswith((url, "data:", "about:"))
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--name", help="of the pictures; the page's if not given")
    parser.add_argument("--summary", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--budget", type=float, default=1, help="times the waits that are allowed, on a slow machine")
    given = parser.parse_args()
    source = given.page.read_text(encoding="utf-8")
    size = len(source.encode())
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    try:
        with Chromium(timeout=60) as browser:
            problems = problems_of(given, source, browser)
    except BrowserError as error:
        sys.exit(f"{given.page}: {error}")
    if size > LARGEST:
        problems.append(f"{size} bytes, more than {LARGEST}")
    for words in dict.fromkeys(problems):
        print(f"  wrong: {words}")
    print(f"{given.page.name}: {size / 1e6:.2f} MB, {len(set(problems))} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
