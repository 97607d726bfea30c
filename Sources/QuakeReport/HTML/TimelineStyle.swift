/// What the timeline and the details of one run add to the shared style.
enum TimelineStyle {
    static let text = """
        .troubles{margin:0 0 18px;padding-left:20px}.troubles li{color:var(--bad-ink)}
        .line{display:block;white-space:nowrap}small.inline{display:inline;margin-left:6px}.method{color:var(--soft);margin-left:6px}
        .timeline{position:relative}.controls{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:0 0 10px}
        .range{font-size:13.5px;margin-left:6px;font-variant-numeric:tabular-nums}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 8px;padding:0;font-size:13px;
        color:var(--soft)}.legend i{display:inline-block;width:14px;height:10px;margin-right:6px;border-radius:1px}
        i.k-good{background:var(--good);height:4px;margin-bottom:1px}i.k-brownout{background:var(--warn)}
        i.k-blackout{background:var(--bad);height:13px;margin-bottom:-2px}i.k-excluded{background:var(--soft);height:3px}
        i.k-latency{background:var(--sky);width:4px}i.fault{background:var(--shade);outline:1px solid var(--bad)}
        .rows{--label:200px;position:relative;border-top:1px solid var(--line);border-bottom:1px solid var(--line);
        padding-bottom:8px;touch-action:pan-y}
        .rows h3{font-size:12.5px;font-weight:600;color:var(--soft);margin:12px 0 2px;position:relative}
        .row{display:grid;grid-template-columns:var(--label) 1fr;align-items:center;position:relative;padding:2px 0}
        .row .label{font-size:13px;padding-right:12px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .plot{position:relative;min-width:0}.plot svg{display:block;width:100%}
        .axis .plot{height:22px;font-size:12px;color:var(--soft);font-variant-numeric:tabular-nums}
        .axis span{position:absolute;top:3px;transform:translateX(-50%);white-space:nowrap}
        .axis span::after{content:"";position:absolute;left:50%;top:19px;height:4px;border-left:1px solid var(--line)}
        .shades{position:absolute;left:var(--label);right:0;top:0;bottom:0;pointer-events:none;overflow:hidden}
        .shades svg{width:100%;height:100%;display:block}.shade{fill:var(--shade)}
        .cursor{position:absolute;top:0;bottom:0;border-left:1px solid var(--ink)}
        .selection{position:absolute;top:0;bottom:0;background:var(--sky);opacity:.25}
        .plot path{vector-effect:non-scaling-stroke;stroke-width:1}
        path.fault{fill:var(--bad);fill-opacity:.3;stroke:var(--bad)}path.healing{fill:var(--sky);fill-opacity:.18;
        stroke:var(--sky);stroke-opacity:.6}
        .tag{position:absolute;top:1px;line-height:20px;padding-left:6px;font-size:12.5px;overflow:hidden;white-space:nowrap;
        text-overflow:ellipsis;pointer-events:none}.tag.fault{font-weight:650}.tag.healing{color:var(--soft)}
        path.s-good{fill:var(--good);stroke:var(--good)}path.s-changing{fill:var(--warn);stroke:var(--warn)}
        path.s-bad{fill:var(--bad);stroke:var(--bad)}path.s-gone{fill:var(--line);stroke:none}
        path.k-good{fill:var(--good);stroke:none}path.k-brownout{fill:var(--warn);stroke:var(--warn)}
        path.k-blackout{fill:var(--bad);stroke:var(--bad)}path.k-excluded{fill:var(--soft);stroke:var(--soft)}
        path.k-latency{fill:var(--sky);stroke:none}
        .strip{padding:4px 0}
        .tip{position:absolute;z-index:5;background:var(--paper);border:1px solid var(--line);border-radius:4px;
        box-shadow:0 2px 10px rgba(0,0,0,.18);padding:8px 10px;font-size:13px;max-width:340px;pointer-events:none}
        .tip b{display:block}.readout{min-height:1.5em;font-size:13.5px}
        .sequence line{stroke:var(--line);stroke-width:1}.sequence .mark{stroke:var(--ink);stroke-width:1.5}
        .sequence rect{fill:var(--warn)}.sequence text{font:10px system-ui,sans-serif;fill:var(--soft);text-anchor:middle}
        .plan{counter-reset:line;max-height:none}.plan span{counter-increment:line}.plan span::before{
        content:counter(line);display:inline-block;width:2.6em;margin-right:1em;text-align:right;color:var(--soft)}
        .plan span:target{background:var(--unsure-wash);display:inline-block;min-width:100%}
        @media (max-width:900px){.rows{--label:140px}}
        @media (max-width:640px){.rows{--label:0px}.row{grid-template-columns:1fr}.method{display:block;margin:0}
        .row .label{padding:0;font-size:12px;
        color:var(--soft)}.axis .label{display:none}.rows h3{color:var(--ink)}}
        @media print{.rows{--label:170px}.row .label{font-size:10.5px}.row{break-inside:avoid}}

        """
}
