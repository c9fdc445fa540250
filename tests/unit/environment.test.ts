import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserEnvironment } from '../../src/environment/environment';

afterEach(() => void vi.unstubAllGlobals());

describe('the environment of a browser', () => {
  it.each([
    ['firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    [
      'chromium',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    ],
    [
      'other',
      'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    ],
  ])('is `%s` for the user agent %s', (browser, userAgent) => {
    vi.stubGlobal('navigator', { userAgent });
    expect(browserEnvironment().browser).toBe(browser);
  });

  it('is `firefox` for a Firefox that claims to be Chrome', () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36' });
    vi.stubGlobal('mozInnerScreenX', 0);
    expect(browserEnvironment().browser).toBe('firefox');
  });

  it('is `other` when there is no navigator', () => {
    vi.stubGlobal('navigator', undefined);
    expect(browserEnvironment().browser).toBe('other');
  });

  it('creates the RTCPeerConnection that the page has at that time, with the given configuration', () => {
    const { createPeerConnection } = browserEnvironment();
    class RecordedConnection {
      constructor(readonly configuration: RTCConfiguration) {}
    }
    vi.stubGlobal('RTCPeerConnection', RecordedConnection);
    const configuration: RTCConfiguration = { iceTransportPolicy: 'relay' };
    expect(createPeerConnection(configuration)).toEqual(new RecordedConnection(configuration));
  });

  it("uses the page's monotonic clock and random numbers", () => {
    vi.stubGlobal('performance', { now: () => 1_234 });
    const { now, random } = browserEnvironment();
    expect(now()).toBe(1_234);
    expect(random).toBe(Math.random);
  });
});
