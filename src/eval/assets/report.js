// Order and filter of the cards; without it the page shows all, the worst first.
const form = document.forms[0], list = document.querySelector("main"), cards = [...list.children];
const value = (card, key) => Number(card.dataset[key]);
const errors = card => value(card, "misses") + value(card, "alarms");
const orders = {
  hmean: (a, b) => value(a, "hmean") - value(b, "hmean") || errors(b) - errors(a),
  errors: (a, b) => errors(b) - errors(a),
  misses: (a, b) => value(b, "misses") - value(a, "misses"),
  alarms: (a, b) => value(b, "alarms") - value(a, "alarms"),
  number: (a, b) => value(a, "number") - value(b, "number"),
};
function update() {
  const wanted = form.elements.name.value.toLowerCase(), wrong = form.elements.wrong.checked;
  let shown = 0;
  for (const card of cards) {
    card.hidden = !card.dataset.name.toLowerCase().includes(wanted) || (wrong && errors(card) === 0);
    shown += !card.hidden;
  }
  form.querySelector("output").textContent = `${shown} of ${cards.length} images`;
}
form.elements.order.addEventListener("change", event => list.append(...cards.sort(orders[event.target.value])));
form.addEventListener("input", update);
form.addEventListener("submit", event => event.preventDefault());
form.hidden = false;
update();
