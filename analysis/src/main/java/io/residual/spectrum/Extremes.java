package io.residual.spectrum;

import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The images that lie furthest out at both ends of a component, the furthest first.
 *
 * @param lowest at the negative end
 * @param highest at the positive end
 */
public record Extremes(List<End> lowest, List<End> highest) {
    /**
     * One image.
     *
     * @param index among the trace's images
     * @param coordinate along the component, in deviations of it
     */
    public record End(int index, String name, double coordinate) {}

    public Extremes {
        lowest = List.copyOf(lowest);
        highest = List.copyOf(highest);
    }

    /**
     * The images with the lowest and highest coordinates along a component of a unit.
     *
     * @param names names of the images, in the order of the points
     * @param count maximum number at each end
     * @throws IllegalArgumentException if the unit has no such component
     */
    public static Extremes of(
            UnitPoints points, UnitFrame frame, List<String> names, Spectrum spectrum, int component, int count) {
        double[] along = Coordinates.along(points, frame, spectrum, component, 1);
        double deviation = Math.sqrt(spectrum.eigenvalues()[component]);
        List<End> all = new ArrayList<>();
        for (int i = 0; i < along.length; i++) {
            all.add(new End(i, names.get(i), along[i] / deviation));
        }
        all.sort(Comparator.comparingDouble(End::coordinate));
        int kept = Math.min(count, all.size());
        List<End> highest = new ArrayList<>(all.subList(all.size() - kept, all.size()));
        Collections.reverse(highest);
        return new Extremes(all.subList(0, kept), highest);
    }
}
