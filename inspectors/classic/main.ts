import { startHost } from '../demo/host';
import { find } from '../view/html';
import { inspectClassic } from './src/inspect-classic';

const inspector = inspectClassic({
  url: 'viewer.html',
  iframe: find('viewer', HTMLIFrameElement),
  allow: new URLSearchParams(location.search).has('control') ? ['restart', 'close'] : [],
});

startHost((label) => inspector.observe({ label }));
