// The entry point: the editor of an article's body, and the dialogs that select pictures and articles.

import { attach } from "./attach.js";
import { pickArticle } from "./dialogs/article.js";
import { pickMedia } from "./dialogs/media.js";

Object.assign(window.dateline, { pickMedia, pickArticle });

document.querySelectorAll("textarea[data-editor]").forEach(attach);
