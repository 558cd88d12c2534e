// Shows what is about to be sent. Nothing leaves the browser before the form does.
"use strict";
const input = document.getElementById("screenshot");
const list = document.getElementById("chosen");
const choose = () => {
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...Array.from(input.files, (file) => {
    const item = document.createElement("li");
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = "";
      item.append(image);
    }
    item.append(`${file.name} (${Math.max(1, Math.round(file.size / 1024))} KB)`);
    return item;
  }));
};
input.addEventListener("change", choose);
if (input.files.length) choose(); // chosen before this script was here
