package io.residual.pretrain;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.images.Image;
import io.residual.images.Resampling;
import io.residual.images.UnreadableImageException;
import io.residual.provenance.ContentHash;
import io.residual.world.Dice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Images of one's own with captions from class names: every training image again and again, each time a little cropped,
 * with its class's name in one of the data set's templates. Validation images are the exams.
 */
public final class ImageCurriculum implements Curriculum {
    private static final int EXAMINED = 500;

    /** The least share of a side that a crop keeps. */
    private static final double CROP = .8;

    private record Labelled(Image image, int label) {}

    private record Source(String name, Prompts prompts, List<Labelled> train, Exam exam) {}

    private final List<Source> sources = new ArrayList<>();
    private final String id;

    /** The training and validation images of some data sets, all kept in memory at the tower's size. */
    public ImageCurriculum(List<Dataset> datasets) {
        ContentHash hash = new ContentHash();
        for (Dataset dataset : datasets) {
            List<Labelled> train = read(dataset.train(), Integer.MAX_VALUE, hash);
            List<Labelled> exam = read(dataset.validation(), EXAMINED, hash);
            if (train.isEmpty() || exam.isEmpty()) {
                throw InputException.at(
                        dataset.origin(), "no readable image", "training and validation images", "Check the files");
            }
            Prompts prompts = dataset.prompts();
            List<String> texts = new ArrayList<>();
            for (int c = 0; c < prompts.classes().size(); c++) {
                texts.add(prompts.texts(c).get(0));
            }
            prompts.classes().forEach(hash::add);
            prompts.templates().forEach(hash::add);
            sources.add(new Source(
                    dataset.name(),
                    prompts,
                    train,
                    new Exam(
                            dataset.name(),
                            texts,
                            exam.stream().map(Labelled::image).toList(),
                            exam.stream().mapToInt(Labelled::label).toArray())));
        }
        this.id = "pictures " + hash.hex().substring(0, 16);
    }

    private static List<Labelled> read(LabelledImages<?> images, int most, ContentHash hash) {
        int side = TinyClip.IMAGE.imageSize();
        List<Labelled> all = new ArrayList<>();
        for (int i = 0; i < images.size() && all.size() < most; i++) {
            try {
                Image small = Resampling.BICUBIC.resize(square(images.read(i)), side, side);
                all.add(new Labelled(small, images.label(i)));
                hash.add(small.rgb()).add(images.label(i));
            } catch (UnreadableImageException e) {
                hash.add("unreadable"); // and left out, as everywhere
            }
        }
        return all;
    }

    /** The middle of an image. */
    private static Image square(Image image) {
        int side = Math.min(image.width(), image.height());
        return crop(image, (image.width() - side) / 2, (image.height() - side) / 2, side);
    }

    private static Image crop(Image image, int left, int top, int side) {
        byte[] rgb = new byte[side * side * 3];
        for (int y = 0; y < side; y++) {
            System.arraycopy(image.rgb(), ((top + y) * image.width() + left) * 3, rgb, y * side * 3, side * 3);
        }
        return new Image(side, side, rgb);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public List<String> vocabulary() {
        TreeSet<String> words = new TreeSet<>();
        for (Source source : sources) {
            List<String> texts = new ArrayList<>(source.prompts.templates());
            texts.addAll(source.prompts.classes());
            for (String text : texts) {
                for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
                    if (!word.isEmpty()) {
                        words.add(word);
                    }
                }
            }
        }
        return List.copyOf(words);
    }

    /** Every data set has the same share of a batch; which image, which template and how cropped is drawn. */
    @Override
    public List<Shown> batch(PretrainSettings settings, long step) {
        Dice dice = Dice.of(settings.seed(), step);
        List<Shown> batch = new ArrayList<>();
        int whole = TinyClip.IMAGE.imageSize();
        for (int i = 0; i < settings.batch(); i++) {
            Source source = sources.get(i % sources.size());
            Labelled chosen = source.train.get(dice.below(source.train.size()));
            int side = whole - dice.below((int) (whole * (1 - CROP)) + 1);
            Image part = crop(chosen.image, dice.below(whole - side + 1), dice.below(whole - side + 1), side);
            List<String> texts = source.prompts.texts(chosen.label);
            batch.add(new Shown(
                    side == whole ? part : Resampling.BICUBIC.resize(part, whole, whole),
                    texts.get(dice.below(texts.size()))));
        }
        return batch;
    }

    @Override
    public List<Exam> exams() {
        return sources.stream().map(Source::exam).toList();
    }
}
