import { App, Chart } from 'cdk8s';

/** A chart of an app that writes nothing. The one of cdk8s' own `Testing` leaves a folder behind each time. */
export function testChart(): Chart {
  return new Chart(new App(), 'test');
}
