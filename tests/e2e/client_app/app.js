// A small app as somebody writes it with the client; it notes what whoever sits before it was shown.
import { createDoorward, eventStream, socket } from '/client/index.js';

const doorward = createDoorward();
const main = document.querySelector('main');
const line = document.querySelector('[role=status]');
/** What was in the page, in its order: names of templates. Taken from the page itself, whoever put it there. */
const shown = [];

new MutationObserver(() => {
  const now = main.querySelector('form') ? 'login' : main.querySelector('b') ? 'secret' : 'moment';
  if (now !== shown.at(-1)) shown.push(now);
}).observe(main, { childList: true, subtree: true });

/** Does what a button is for, once at a time, and says what went wrong. */
async function does(button, work) {
  button.disabled = true;
  try {
    await work();
    line.textContent = '';
  } catch (error) {
    line.textContent = error.message;
  }
  button.disabled = false;
}

let rendered;
function render() {
  const { status, user } = doorward.getSnapshot();
  if (rendered === `${status} ${user?.id}`) return;
  rendered = `${status} ${user?.id}`;
  main.replaceChildren(document.querySelector(`#${status}`).content.cloneNode(true));
  const button = main.querySelector('button');
  if (status === 'authenticated') {
    main.querySelector('b').textContent = user.username;
    button.addEventListener('click', () => does(button, () => doorward.logout()));
  }
  main.querySelector('form')?.addEventListener('submit', event => {
    event.preventDefault();
    const credentials = Object.fromEntries(new FormData(event.target));
    does(button, () => doorward.login(credentials));
  });
}
doorward.subscribe(render);
render();

/** What the tests do here, and read. */
globalThis.app = {
  doorward,
  shown,
  /** The status of an answer of the app's own server, or the name or code of the error without one. */
  async ask(path, init) {
    try {
      return (await doorward.fetch(path, init)).status;
    } catch (error) {
      return error.code ?? error.name;
    }
  },
  /** Events and messages that came. */
  heard: [],
  /** Opens an event stream and a WebSocket. */
  listen() {
    const onEvent = ({ data }) => app.heard.push(data);
    eventStream(doorward, '/live/events', { onEvent });
    socket(doorward, '/live/socket', { onMessage: onEvent });
  },
};
