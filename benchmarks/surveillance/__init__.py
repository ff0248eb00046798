"""The surveillance desk's trackers beside their peers, on the same detections in one run.

How to call the parts, for who tunes the tracker:

- `scenario.synthetic(targets, clutter, seed, polar)` and `scenario.late(recording, seed)`: generated worlds.
  Tune on seeds `scenario.TUNED_ON` (1 to 9); `scenario.UNSEEN` (101 to 110) are reported on.
- `autoferry.load(scenario)`: 2 and 13 to tune on, 3 and 4 are reported.
- `ais.development()` and `ais.reported()`: named recordings of AIS, identities in `who` and hidden.
- `ours.run(recording, config)`: tracks and seconds; `peers.run(recording, method)` the same.
- `recording.score(recording.truth, tracks, cutoff)`: GOSPA and parts, switches, IDF1;
  `tracking_metrics.reports_f1(recording.who, ours.given(tracks, len(recording)))`: IDF1 by reports.
- `python -m benchmarks.surveillance.tracks --rows synthetic100 --seeds 1-3 --no-peer`: the table.
"""
