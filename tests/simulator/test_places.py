"""Places are real: their ZIPs lie in the time zones that they say, and no two plants sort for one ZIP."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sendtrail.feeds.local_time import zone_of
from sendtrail.simulator.places import miles, region_of, regions


def test_every_zip_has_the_clock_of_its_region() -> None:
    for region in regions():
        for zip_ in (region.plant.zip, *(int(delivery.zip) for delivery in region.deliveries)):
            zone = zone_of(zip_)
            assert zone, zip_
            for moment in (datetime(2026, 1, 5, 12), datetime(2026, 7, 5, 12)):
                theirs, ours = moment.replace(tzinfo=ZoneInfo(zone)), moment.replace(tzinfo=region.zone)
                assert theirs.utcoffset() == ours.utcoffset(), zip_


def test_a_map_of_them_would_show_the_whole_country() -> None:
    assert len(regions()) > 80
    assert len({region.plant.state for region in regions()}) >= 45
    prefixes = {delivery.zip[:3] for region in regions() for delivery in region.deliveries}
    assert len(prefixes) > 150


def test_no_zip_is_sorted_at_two_plants() -> None:
    zips = [delivery.zip for region in regions() for delivery in region.deliveries]
    assert len(set(zips)) == len(zips)
    assert len({region.plant.zip for region in regions()}) == len(regions())


def test_distances_are_those_of_an_atlas() -> None:
    for start, end, distance in (("Boston", "New York", 190), ("Chicago", "Dallas", 800), ("Seattle", "Miami", 2730)):
        assert abs(miles(region_of(start), region_of(end)) - distance) < 0.03 * distance
