'use client';

import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useAddress } from '../../ui/use-address.js';
import type { ChartSettings } from './chart.js';
import { readSettings, settingsParams } from './settings-address.js';

/** Settings of the charts of a page, and over which axis; both are in the address, so that a view can be sent to somebody. */
export function useChartSettings<Axis extends string>(axes: readonly [Axis, ...Axis[]]) {
  const params = useSearchParams();
  const [settings, setSettings] = useState<ChartSettings>(() => readSettings(params));
  const [axis, setAxis] = useState<Axis>(() => axes.find((each) => each === params.get('axis')) ?? axes[0]);
  useAddress({ ...settingsParams(settings), axis: axis === axes[0] ? '' : axis });
  return { settings, setSettings, axis, setAxis };
}
