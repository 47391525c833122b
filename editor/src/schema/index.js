// The nodes and marks that a body can contain: the elements that src/text/sanitize.rs allows.

import { markers } from "./markers.js";
import { prose } from "./prose.js";
import { quotes } from "./quotes.js";
import { tables } from "./tables.js";

export const extensions = [...prose, ...quotes, ...tables, ...markers];
