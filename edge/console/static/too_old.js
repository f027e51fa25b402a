// For browsers that know no modules: they show old values and give no order, so they say so.
document.addEventListener("DOMContentLoaded", function () {
  document.getElementById("too-old").hidden = false;
});
