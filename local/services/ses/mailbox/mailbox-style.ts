/** The mailbox's only style sheet: light or dark as the reader's system is, and fit for a phone. */
export const MAILBOX_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #5d6672; --line: #dde1e7; --paper: #fff;
  --ground: #f4f5f8; --accent: #2f5bd0; --chip: #e9edf7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ee; --quiet: #a0a8b5; --line: #333a45;
  --paper: #1c2027; --ground: #13161b; --accent: #93b1ff; --chip: #2a313e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet);
  margin: 2rem 0 .5rem; font-weight: 600; }
p { margin: 0; }
a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.quiet { color: var(--quiet); }
.mails { list-style: none; margin: 1.5rem 0 0; padding: 0; background: var(--paper);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem 1rem;
  padding: .8rem 1.1rem; color: inherit; text-decoration: none; }
.mails a:hover { background: var(--ground); }
.mails a:focus-visible { outline-offset: -3px; }
.subject { font-weight: 600; overflow-wrap: anywhere; }
.people { grid-column: 1; color: var(--quiet); overflow-wrap: anywhere; font-size: .9rem; }
time { color: var(--quiet); font-size: .85rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.empty { background: var(--paper); border: 1px dashed var(--line); border-radius: 10px;
  padding: 3rem 1.25rem; text-align: center; margin-top: 1.5rem; color: var(--quiet); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem 1.25rem; margin: 1.25rem 0 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.back { display: inline-block; margin-bottom: 1.25rem; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; margin: 0; padding: 0; }
.chips li { background: var(--chip); border-radius: 6px; padding: .1rem .5rem; font-size: .85rem;
  overflow-wrap: anywhere; }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; margin: 0;
  padding: 1.1rem; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4;
  font: .95rem/1.55 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
iframe { width: 100%; height: 28rem; border: 1px solid var(--line); border-radius: 10px;
  background: #fff; color-scheme: light; display: block; }
@media (max-width: 36rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .mails a { grid-template-columns: minmax(0, 1fr); padding: .75rem .9rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: .6rem; }
}
`;
