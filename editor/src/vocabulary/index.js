// Everything that may stand in a body: the vocabulary of src/text/sanitize.rs.

import { markers } from "./markers.js";
import { prosaic } from "./prose.js";
import { quotes } from "./quotes.js";
import { tables } from "./tables.js";

export const vocabulary = [...prosaic, ...quotes, ...tables, ...markers];
