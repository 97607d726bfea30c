/// The style that all pages share. Colours are Okabe and Ito's, which the colour-blind can tell apart.
package enum PageStyle {
    static let shared = """
        :root{--good:#009e73;--warn:#e69f00;--bad:#d55e00;--info:#0072b2;--sky:#56b4e9;--pink:#cc79a7;
        --ink:#1b1f24;--soft:#57606a;--paper:#fff;--panel:#f6f7f9;--line:#d8dee4;--bad-ink:#a84300;--good-ink:#00694c;
        --unsure-ink:#7a5200;--link:#005a8f;--shade:rgba(213,94,0,.10);--good-wash:#e6f4f0;--bad-wash:#fbeee6;
        --unsure-wash:#fdf4e0}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9da7b3;--paper:#14171b;--panel:#1c2127;
        --line:#343b44;--bad-ink:#ff9a5c;--good-ink:#4fd1ab;--unsure-ink:#f2bd4a;--link:#7cc4f0;
        --shade:rgba(255,140,60,.16);--good-wash:#12271f;--bad-wash:#2d1c12;--unsure-wash:#2b2311}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:1320px;padding:0 28px 64px;background:var(--paper);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
        h1{font-size:26px;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:19px;margin:0 0 12px;font-weight:650}
        h3{font-size:15px;margin:20px 0 8px;font-weight:650}
        p{margin:0 0 10px;max-width:76ch}
        a{color:var(--link);text-underline-offset:2px}
        :focus-visible{outline:2px solid var(--info);outline-offset:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:6px;z-index:9}
        .top{padding:28px 0 0}.kicker{margin:0 0 2px;color:var(--soft);font-size:13px}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;padding:0;margin:12px 0 0;font-size:14px}
        nav a{text-decoration:none}nav a:hover{text-decoration:underline}
        section{margin-top:22px;padding-top:22px;border-top:1px solid var(--line)}
        .muted,.detail,.note{color:var(--soft)}.note{font-size:13.5px}
        .banner{border-left:6px solid var(--line);background:var(--panel);padding:14px 18px;border-radius:4px;
        margin:0 0 18px}
        .banner p{margin:0;max-width:none}.banner .verdict{font-size:18px}.banner .detail{font-size:14px;margin-top:4px}
        .banner .sign{display:inline-block;width:1.5em;font-weight:700}
        .banner.good{border-color:var(--good);background:var(--good-wash)}
        .banner.bad{border-color:var(--bad);background:var(--bad-wash)}
        .banner.unsure{border-color:var(--warn);background:var(--unsure-wash)}
        .banner.good strong,td.good{color:var(--good-ink)}.banner.bad strong,td.bad{color:var(--bad-ink)}
        .banner.unsure strong,td.unsure{color:var(--unsure-ink)}
        td.bad,td.unsure{font-weight:600}
        .scroll{overflow-x:auto;margin:0 0 18px}
        table{border-collapse:collapse;font-size:14px;min-width:min(100%,480px)}
        caption{text-align:left;color:var(--soft);font-size:13.5px;padding:0 0 6px}
        caption span{position:sticky;left:0;display:inline-block;max-width:calc(100vw - 56px)}
        th,td{text-align:left;padding:5px 16px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
        thead th{color:var(--soft);font-weight:600;font-size:13px;white-space:nowrap}
        tbody th{font-weight:500}tr.group th{padding-top:14px;font-weight:650}.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td small,th small{display:block;color:var(--soft);font-weight:400;font-size:12.5px}
        code,pre{font:12.5px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
        pre{background:var(--panel);padding:12px 14px;border-radius:4px;overflow:auto;max-height:32em;margin:8px 0 16px}
        details{margin:0 0 8px}summary{cursor:pointer;padding:3px 0}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 20px;margin:0 0 14px;font-size:14px}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        .spark{vertical-align:middle;overflow:visible}.spark path{fill:none;stroke:var(--info);stroke-width:1.5}
        .spark circle{fill:var(--info)}.spark circle.bad{fill:var(--bad)}
        button{font:inherit;font-size:13.5px;color:var(--ink);background:var(--panel);border:1px solid var(--line);
        border-radius:4px;padding:3px 10px;cursor:pointer;min-height:30px}button:hover{border-color:var(--soft)}
        @media (max-width:640px){body{padding:0 14px 40px}h1{font-size:21px}.banner .verdict{font-size:16px}
        dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 6px}th,td{padding-right:12px}
        caption span{max-width:calc(100vw - 28px)}}
        @media print{:root{--ink:#000;--paper:#fff;--panel:#f6f7f9;--soft:#444}body{max-width:none;padding:0;
        font-size:11px}nav,.skip,.screen{display:none!important}section{break-inside:auto}tr,.banner{break-inside:avoid}
        .scroll{overflow:visible}caption span{position:static;max-width:none}table,dl{font-size:9.5px}
        th,td{padding:3px 7px 3px 0}thead th,td small,th small,code,pre{font-size:9px}
        caption,.note{font-size:10.5px}
        .num,thead th,.line{white-space:normal}pre{max-height:none;white-space:pre-wrap}a{color:inherit;text-decoration:none}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

        """
}
