// The editor of an article's body, and the dialogs that find pictures and articles, for every page of the newsroom.

import { attach } from "./attach.js";
import { pickArticle } from "./dialogs/article.js";
import { pickMedia } from "./dialogs/media.js";

window.dateline = Object.assign(window.dateline ?? {}, { pickMedia, pickArticle });

document.querySelectorAll("textarea[data-editor]").forEach(attach);
