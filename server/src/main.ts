import { networkInterfaces } from 'node:os';

import { CliOptionError, type CliOptions, readCliOptions, USAGE } from './cli-options';
import { VISUALIZER } from './http';
import { describeError } from './logger';
import { createRelayServer, type RelayServer } from './server';

/** If closing takes longer than this, the process exits. A second signal ends it at once. */
const SHUTDOWN_DEADLINE_MS = 5_000;

try {
  const options = readCliOptions(process.argv.slice(2), process.env);
  if (options === null) console.log(USAGE);
  else await serve(options);
} catch (error) {
  if (error instanceof CliOptionError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function serve(options: CliOptions): Promise<void> {
  const relay = createRelayServer(options.server);
  try {
    const { port } = await relay.listen(options.port, options.host);
    printWelcome(options, port);
    closeOnSignal(relay);
  } catch (error) {
    await relay.close();
    throw new Error(adviceFor(error, options), { cause: error });
  }
}

function printWelcome({ host }: CliOptions, port: number): void {
  const isEverywhere = ['0.0.0.0', '::'].includes(host);
  const isLocal = isEverywhere || ['127.0.0.1', 'localhost', '::1'].includes(host);
  const name = host.includes(':') ? `[${host}]` : host;
  const url = `http://${isLocal ? 'localhost' : name}:${port}`;
  console.log(`Holdfast duel: ${url}`);
  console.log('To play, open this address in two browser windows side by side. They join the same game.');
  for (const address of isEverywhere ? outerAddresses() : []) {
    console.log(`From another device: http://${address}:${port}`);
  }
  console.log(`To watch both links live, open the visualizer: ${url}${VISUALIZER}`);
  console.log('Use two windows, not two tabs: the browser pauses a hidden tab. Ctrl+C stops the server.');
}

function outerAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
}

function closeOnSignal(relay: RelayServer): void {
  const stop = (): void => {
    setTimeout(() => process.exit(1), SHUTDOWN_DEADLINE_MS).unref();
    relay.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(describeError(error));
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function adviceFor(error: unknown, { port, host }: CliOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const other = port < 65_535 ? port + 1 : port - 1;
    return `port ${port} is in use by another program: stop that program, or choose another port: npm start -- --port ${other}`;
  }
  if (code === 'EACCES')
    return `no permission to open port ${port}: choose a port above 1023: npm start -- --port 3000`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `HOST ${host} is not an address of this machine`;
  return describeError(error);
}
