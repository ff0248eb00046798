"""The cargo desk: what was declared of a parcel or container, against what was measured."""
