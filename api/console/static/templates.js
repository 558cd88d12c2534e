// Shows the chosen page and lets its letterhead be drawn. Nothing leaves the browser before the form does.
"use strict";
const input = document.getElementById("picture");
const marking = document.getElementById("marking");
const image = marking.querySelector("img");
const marked = marking.querySelector(".marked");
const field = document.getElementById("letterhead");
let from = null;

const choose = () => {
  const file = input.files[0];
  URL.revokeObjectURL(image.src);
  marking.hidden = !file || !file.type.startsWith("image/");
  if (!marking.hidden) image.src = URL.createObjectURL(file);
  show();
};
input.addEventListener("change", choose);

const place = (event) => {
  const frame = image.getBoundingClientRect();
  const inside = (value, most) => Math.min(Math.max(value, 0), most);
  return [inside(event.clientX - frame.left, frame.width), inside(event.clientY - frame.top, frame.height)];
};

image.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  from = place(event);
  image.setPointerCapture(event.pointerId);
});
image.addEventListener("pointermove", (event) => {
  if (!from) return;
  const to = place(event);
  const scale = image.naturalWidth / image.clientWidth;
  const box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
  field.value = box.map((value) => Math.round(value * scale)).join(",");
  show();
});
image.addEventListener("pointerup", () => { from = null; });

function show() {
  const box = field.value.split(",").map(Number);
  const whole = box.length === 4 && box.every(Number.isFinite) && image.naturalWidth > 0;
  marked.hidden = !whole;
  if (!whole) return;
  const scale = image.clientWidth / image.naturalWidth;
  [marked.style.left, marked.style.top, marked.style.width, marked.style.height] = box.map((value) => `${value * scale}px`);
}
field.addEventListener("input", show);
image.addEventListener("load", show);
if (input.files.length) choose(); // chosen before this script was here
