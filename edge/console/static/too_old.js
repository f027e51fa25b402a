// In words that the oldest browser knows. One that lacks what the other scripts need would show old
// values and lose orders: it is told so, the scripts do not begin, and the stops are ordinary forms.
(function () {
  var fits = "noModule" in HTMLScriptElement.prototype && window.AbortSignal && AbortSignal.timeout &&
    Element.prototype.replaceChildren && "inert" in HTMLElement.prototype;
  if (fits) return;
  document.documentElement.setAttribute("data-too-old", "");
  document.addEventListener("DOMContentLoaded", function () {
    document.getElementById("too-old").hidden = false;
  });
})();
