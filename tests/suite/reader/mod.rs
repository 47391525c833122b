//! What readers see, page by page.
