"""Looks at one HTML page in a real browser, as a reader does: at three widths, light, dark and on paper, by keyboard, by
mouse and through the accessibility tree. Prints what is wrong and exits with 1 if anything is.

    check_page.py PAGE [--summary summary.json] [--shots FOLDER] [--budget MILLISECONDS]

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
# What a reader waits for a zoom, in milliseconds: the median of all, and the longest.
MEDIAN, WORST = 250, 1000
LARGEST = 5_000_000

# Milliseconds from each key, click and movement to the second frame after it.
STOPWATCH = """
window.waits = [];
for (const kind of ['keydown', 'click', 'wheel', 'pointermove']) {
  window.addEventListener(kind, event => requestAnimationFrame(() => requestAnimationFrame(
    () => window.waits.push([kind, performance.now() - event.timeStamp]))), { capture: true, passive: true });
}
"""


def looks(browser, url, shots, report):
    """Problems at each width, light and dark."""
    problems = []
    for width in WIDTHS:
        for dark in (False, True):
            place = f"{width} px{', dark' if dark else ''}"
            browser.view(width, 1000, dark=dark)
            browser.open(url)
            problems += [f"{place}: {words}" for words in browser.run((HERE / "audit.js").read_text())]
            if shots:
                name = f"{pathlib.Path(url).stem}-{width}{'-dark' if dark else ''}"
                browser.screenshot(shots / f"{name}.png", height=1600 if width > 400 else 2000)
                if not dark:
                    browser.screenshot(shots / f"{name}-whole.png")
    # A4 without its margins.
    browser.view(718, 1000, medium="print")
    browser.open(url)
    problems += [f"printed: {words}" for words in browser.run((HERE / "audit.js").read_text())]
    browser.view(1400, 1000)
    pdf = browser.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    if not pages:
        problems.append("nothing is printed")
    if shots:
        (shots / f"{pathlib.Path(url).stem}.pdf").write_bytes(pdf)
    if report:
        print(f"  printed on {pages} pages")
    return problems


def names(browser):
    """What a screen reader would not be able to say."""
    needed = {"button", "link", "image", "table", "region", "heading", "textbox", "toolbar", "navigation"}
    return [f"a {role} has no name" for role, name in browser.names() if role in needed and not name.strip()]


def contents(browser, source, summary):
    """Whether what the summary names stands in the report."""
    problems = []
    for section in ("verdict", "timeline", "environment", "plan"):
        if not browser.run(f"!!document.querySelector('main section#{section}')"):
            problems.append(f"no section {section}")
    labels = set(browser.run("[...document.querySelectorAll('#rows .row .label')].map(item => item.textContent)"))
    text = browser.run("document.querySelector('main').textContent")
    drawn = browser.run("[...document.querySelectorAll('#rows .row svg')].map(item => item.getAttribute('aria-label'))")
    for trial in summary["trials"]:
        for lane in trial["lanes"]:
            if lane.get("role", "probe") == "probe" and f"{lane['traffic']}/{lane['mode']}" not in labels:
                problems.append(f"no row for lane {lane['traffic']}/{lane['mode']}")
        for fault in trial["faults"]:
            if fault["id"] not in text:
                problems.append(f"fault {fault['id']} is nowhere")
    if any(trial["faults"] for trial in summary["trials"]):
        if not any("fault" in words.lower() for words in drawn):
            problems.append("no row of faults")
        if not browser.run("(document.querySelector('#rows .shades path')?.getAttribute('d') || '').length > 0"):
            problems.append("no fault is shaded through the rows")
    # It reads without script, too.
    if not re.search(r'<path class="k-(good|brownout|blackout)"', source):
        problems.append("the strips are not drawn without script")
    return problems


def handling(browser, url):
    """Zoom, hover and links, by keyboard and mouse: problems, and milliseconds waited."""
    problems = []
    browser.view(1400, 1000)
    browser.open(url)
    browser.run(STOPWATCH)
    browser.run("document.getElementById('rows').scrollIntoView(), document.getElementById('rows').focus()")
    view = "document.querySelector('#rows .row svg').getAttribute('viewBox')"
    whole = browser.run(view)

    def expect(is_met, words):
        if not is_met:
            problems.append(words)

    def press(*keys):
        for key in keys:
            browser.press(key)
            browser.settle()

    press("+", "+", "+", "+")
    expect(browser.run(view) != whole, "the key + does not zoom")
    press("ArrowRight", "ArrowRight", "ArrowLeft", "-")
    expect(browser.run("document.getElementById('readout').textContent.trim() !== ''"), "moving the cursor says nothing")
    press("0")
    expect(browser.run(view) == whole, "the key 0 does not show the whole run")
    if browser.run("JSON.parse(document.getElementById('data').textContent).faults.length > 0"):
        press("n")
        expect(browser.run(view) != whole, "the key n does not lead to a fault")
        press("n", "n", "p", "0")
    # Buttons, by keyboard alone.
    for act in ("in", "out", "all"):
        before = browser.run(view)
        browser.run(f"document.querySelector('#chart button[data-do={act}]').focus()")
        press("Enter")
        expect(act == "out" or browser.run(view) != before, f"the button {act} does nothing")

    box = browser.run(
        "(() => { const b = document.querySelector('#rows .row.strip .plot').getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height]; })()")
    left, top, width, height = box
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        browser.mouse("mouseMoved", left + share * width, top + height / 2)
        browser.settle()
    expect(
        browser.run("!document.getElementById('tip').hidden && document.getElementById('tip').textContent.length > 10"),
        "hovering tells nothing")
    for turn in range(6):
        browser.mouse(
            "mouseWheel", left + width / 2, top + height / 2, deltaX=0, deltaY=-120 if turn < 3 else 120, modifiers=2)
        browser.settle()
    browser.mouse("mousePressed", left + 0.3 * width, top + height / 2, button="left", clickCount=1)
    browser.mouse("mouseMoved", left + 0.6 * width, top + height / 2, button="left", buttons=1)
    browser.mouse("mouseReleased", left + 0.6 * width, top + height / 2, button="left", clickCount=1)
    browser.settle()
    expect(browser.run(view) != whole, "dragging does not zoom")
    press_all = "document.getElementById('rows').focus()"
    browser.run(press_all)
    press("0")
    if browser.run("!!document.querySelector('a[href^=\"#t=\"]')"):
        browser.run("document.querySelector('a[href^=\"#t=\"]').click()")
        browser.settle()
        expect(browser.run("location.hash.startsWith('#t=')"), "a moment's link is not in the address")
        expect(browser.run("!document.querySelector('#rows .cursor').hidden"), "a moment's link does not show it")
        moment = browser.run("location.hash")
        browser.open("about:blank")
        browser.open(url + moment)
        expect(browser.run("!document.querySelector('#rows .cursor').hidden"), "a shared link does not lead to its moment")
        browser.run(STOPWATCH)
        browser.run(press_all)
    else:
        problems.append("no moment has a link")
    return problems


def main():
    given = argparse.ArgumentParser()
    given.add_argument("page", type=pathlib.Path)
    given.add_argument("--summary", type=pathlib.Path)
    given.add_argument("--shots", type=pathlib.Path)
    given.add_argument("--budget", type=float, default=1, help="times the waits that are allowed, on a slow machine")
    given = given.parse_args()
    source = given.page.read_text()
    problems = []
    if len(source.encode()) > LARGEST:
        problems.append(f"{len(source.encode())} bytes, more than {LARGEST}")
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    url = given.page.resolve().as_uri()
    summary = json.loads(given.summary.read_text()) if given.summary else None
    try:
        with Chromium(timeout=60) as browser:
            problems += looks(browser, url, given.shots, summary)
            browser.view(1400, 1000)
            browser.open(url)
            problems += names(browser)
            if summary:
                problems += contents(browser, source, summary)
                problems += handling(browser, url)
            problems += browser.messages
            problems += [
                f"asks the network for {asked}" for asked in browser.requests
                if not asked.startswith((url, "data:", "about:"))
            ]
    except BrowserError as error:
        sys.exit(f"{given.page}: {error}")
    for words in dict.fromkeys(problems):
        print(f"  wrong: {words}")
    print(f"{given.page.name}: {len(source.encode()) / 1e6:.2f} MB, {len(set(problems))} problems")
    sys.exit(1 if problems else 0)


main()
