import { createBrowserInspector } from '@statelyai/inspect';
import { scrubStately, statelyInspect } from 'holdfast/inspect';
import { startHost } from '../demo/host';
import { find } from '../view/html';

const inspector = createBrowserInspector({
  url: new URL('viewer.html', location.href).href,
  iframe: find('viewer', HTMLIFrameElement),
  serialize: scrubStately,
});

startHost((label) => statelyInspect(inspector, { label }));
