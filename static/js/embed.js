// An embed is a link to its page until it is clicked: then its player takes its place.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-player]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const player = document.createElement("iframe");
  // The page asks for isolation; a frame without credentials may be of another site nevertheless.
  player.setAttribute("credentialless", "");
  player.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  player.referrerPolicy = "strict-origin-when-cross-origin";
  player.title = link.dataset.title;
  player.src = link.dataset.player;
  link.replaceWith(player);
  player.focus();
});
