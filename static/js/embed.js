// An embed is a link until it is clicked; then its player replaces it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-player]");
  // The page is cross-origin isolated, so only a credentialless frame can load another site. Browsers
  // without support follow the link.
  if (!("credentialless" in HTMLIFrameElement.prototype)) return;
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const player = document.createElement("iframe");
  player.setAttribute("credentialless", "");
  player.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  player.referrerPolicy = "strict-origin-when-cross-origin";
  player.title = link.dataset.title;
  player.src = link.dataset.player;
  link.replaceWith(player);
  player.focus();
});
