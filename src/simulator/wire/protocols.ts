/** Which protocol a request to a service speaks. */
import { cborProtocol, isCbor } from './cbor.ts';
import { jsonProtocol } from './json.ts';
import type { ServiceModel } from './models.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { ec2Protocol, queryProtocol } from './query.ts';
import { restXmlProtocol } from './rest-xml.ts';

export function protocolOf(model: ServiceModel, exchange: Exchange): Protocol {
  if (model.protocol === 'rest-xml') return restXmlProtocol(model);
  if (isCbor(exchange)) return cborProtocol;
  if (model.protocol === 'ec2') return ec2Protocol;
  if (model.protocol === 'query') return queryProtocol;
  // CloudWatch is spoken to in its old query protocol, too (F-9).
  const isForm = exchange.headers['x-amz-target'] === undefined && model.queryCompatible;
  return isForm ? queryProtocol : jsonProtocol;
}
