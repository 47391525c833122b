// The icons of the buttons: SVG paths in a view box of 24 by 24.

const paths = {
  text: "M13 5v14M17 5v14M19 5H10a4 4 0 0 0 0 8h3",
  heading: "M6 4v16M18 4v16M6 12h12",
  subheading: "M8 8v11M16 8v11M8 13.5h8",
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14.5 5l-5 14",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17",
  bullets: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  numbers: "M10 6h10M10 12h10M10 18h10M4 4.5 5.5 4v4.5M4 15.5c.5-1 2.5-1 2.5.4C6.5 17 4 18 4 19.5h2.600",
  quote: "M4 6v12M9 8h11M9 12h11M9 16h6",
  pullQuote: "M4 4h16M4 20h16M7 10h10M9.5 14h5",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M12 10v9",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.5h.01",
  gallery: "M7 7h13v10H7zM4 17V4h13M7 15l3.5-3 3 2.5L16 12l4 3.5M4 20h13",
  alsoRead: "M5 4h14v16H5zM8.5 8h7M8.5 12h7M8.5 16h4",
  video: "M4 5h16v14H4zM10 9l5 3-5 3z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  superscript: "M4 8l8 11M12 8L4 19M16 5c.5-1.5 3.5-1.5 3.5.5C19.5 7 16 8 16 10h4",
  strike: "M4 12h16M16.5 7c-.5-1.500-2-2.500-4.500-2.500-3 0-4.500 1.500-4.500 3.500M7.500 17c.5 1.500 2 2.500 4.500 2.500 3 0 4.500-1.500 4.500-3.500",
  subscript: "M4 5l8 11M12 5L4 16M16 15c.5-1.5 3.5-1.5 3.5.5C19.5 17 16 18 16 20h4",
  cite: "M5 5.5C7 4.5 10 4.5 12 6.5c2-2 5-2 7-1V18c-2-1-5-1-7 1-2-2-5-2-7-1zM12 6.5V19",
  language: "M4 6h9M8.5 4v2M11 6c-.7 4-3 7-6.5 8.5M6 9c1 2.5 3 4.5 5.5 5.5M12 20l4-10 4 10M13.5 17h5",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  left: "M19 12H5M11 6l-6 6 6 6",
  right: "M5 12h14M13 6l6 6-6 6",
  replace: "M4 9h13l-3.5-3.5M20 15H7l3.5 3.5",
  remove: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5",
  close: "M6 6l12 12M18 6L6 18",
  rowBefore: "M4 13h16v6H4zM12 13v6M12 3v6M9 6h6",
  rowAfter: "M4 5h16v6H4zM12 5v6M12 15v6M9 18h6",
  rowRemove: "M4 9h16v6H4zM12 9v6M9 4h6M9 20h6",
  columnBefore: "M13 4h6v16h-6zM13 12h6M3 12h6M6 9v6",
  columnAfter: "M5 4h6v16H5zM5 12h6M15 12h6M18 9v6",
  columnRemove: "M9 4h6v16H9zM9 12h6M4 9v6M20 9v6",
  headRow: "M4 5h16v14H4zM4 11h16M4 7h16M4 9h16M12 11v8",
  merge: "M4 6h16v12H4zM8 12h3M9.5 10.5 11 12l-1.5 1.5M16 12h-3M14.5 10.5 13 12l1.5 1.5",
  split: "M4 6h16v12H4zM12 6v12",
  plus: "M12 5v14M5 12h14",
  upload: "M12 16V5M7 9.5 12 4.5l5 5M5 16v4h14v-4",
};

/** The icon of that name, hidden from assistive technology: the button has the label. */
export function icon(name) {
  const make = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  const svg = make("svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", class: `editor-icon editor-icon-${name}` })) {
    svg.setAttribute(key, value);
  }
  const path = make("path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
