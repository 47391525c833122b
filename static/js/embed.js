// An embed is a link to its page until it is clicked: then its player takes its place.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-player]");
  // The page asks for isolation, so only a frame without credentials may be of another site. Where
  // there are none, the link opens the embed's own page.
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
