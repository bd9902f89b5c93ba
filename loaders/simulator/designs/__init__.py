"""The designs of sample worlds, by name: one file says in words who lives there."""

from loaders.simulator.designs import (
    county_towns,
    factory_belt,
    harbour,
    metropolis,
    nationwide,
    student_towns,
)
from loaders.simulator.habits import Design

DESIGNS: dict[str, Design] = {
    design.name: design
    for design in (
        nationwide.DESIGN,
        harbour.DESIGN,
        student_towns.DESIGN,
        factory_belt.DESIGN,
        county_towns.DESIGN,
        metropolis.DESIGN,
    )
}
"""Every design; the first is the default."""
