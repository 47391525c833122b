// The texts of the editor, the table `script_editor` of locales/newsroom, and the functions that fill them in: those of
// static/js/admin.js, which every page of the newsroom loads first.

export const { fillIn, plural } = window.dateline;
export const texts = window.dateline.texts("editor");
