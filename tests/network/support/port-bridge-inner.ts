/** Runs inside the namespace: unix socket in, local TCP port out. Arguments: socket path, port. */
import { connect } from 'node:net';
import { listenAndPipe } from './port-bridge.js';

const [socketPath = '', port = ''] = process.argv.slice(2);
await listenAndPipe(socketPath, () => connect(Number(port), '127.0.0.1'));
console.log('bridging');
