// What are the fields called that select2 puts in place of a list? The label of the list, which it does not hand on itself.
"use strict";
(function () {
  function name(list) {
    const label = document.querySelector(`label[for="${list.id}"]`);
    const box = list.parentElement && list.parentElement.querySelector(".select2");
    if (!label || !box) return;
    const text = label.textContent.trim().replace(/:$/, "");
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) part.setAttribute("aria-label", text);
  }

  function nameAll(root) {
    root.querySelectorAll("select.admin-autocomplete:not([name*=__prefix__])").forEach(name);
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.django || !window.django.jQuery) return;
    // After Django's own scripts, which wait for the same moment; again where choosing draws a field anew.
    window.django.jQuery(() => setTimeout(() => nameAll(document), 0));
    window.django.jQuery(document).on("change select2:close", "select.admin-autocomplete", (event) => setTimeout(() => name(event.target), 0));
    document.addEventListener("formset:added", (event) => setTimeout(() => nameAll(event.target), 0));
  });
})();
