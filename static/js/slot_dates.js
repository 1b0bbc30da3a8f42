// How do the dates beside the slot form follow what is typed? The same preview as the button "Termine neu berechnen"; saves nothing.
"use strict";
(function () {
  const WAIT_MS = 400;
  // What a phrase fills in on the server.
  const FROM_WORDS = ["rhythm", "ordinals", "weekdays", "interval", "anchor_day", "single_dates", "start_time", "end_time", "school_holiday_policy", "as_shown"];
  let waiting, latest = 0;

  function copyFields(form, answer) {
    for (const name of FROM_WORDS) {
      const theirs = answer.elements[name], ours = form.elements[name];
      if (!theirs || !ours) continue;
      if (ours instanceof RadioNodeList) ours.forEach((box, number) => { box.checked = theirs[number].checked; });
      else ours.value = theirs.value;
    }
  }

  function offerRooms(form, answer) {
    const ours = form.elements.room, theirs = answer.elements.room;
    if (!ours || !theirs || ours.options.length === theirs.options.length) return;
    ours.replaceChildren(...theirs.options);
  }

  async function refresh(form, panel, fromWords) {
    const number = ++latest, body = new FormData(form);
    body.append("_preview", "1");
    if (fromWords) body.append("_from_words", "1");
    let page;
    try {
      const response = await fetch(window.location.href, { method: "POST", body });
      if (!response.ok) return;
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      return; // without a connection the button remains
    }
    const fresh = page.getElementById("termine"), answer = page.getElementById(form.id);
    if (number !== latest || !fresh || !answer) return;
    if (fromWords) copyFields(form, answer);
    offerRooms(form, answer);
    panel.replaceChildren(...fresh.childNodes);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("slot_form"), panel = document.getElementById("termine");
    if (!form || !panel) return;
    // select2 tells of its changes through jQuery only, which hears those of the browser as well.
    django.jQuery(form).on("change", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => refresh(form, panel, event.target.name === "phrase"), WAIT_MS);
    });
  });
})();
