package io.residual.pretrain;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledPictures;
import io.residual.data.Prompts;
import io.residual.images.Picture;
import io.residual.images.Resampling;
import io.residual.images.UnreadablePictureException;
import io.residual.provenance.ContentHash;
import io.residual.world.Dice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Pictures of one's own with captions from class names: every training picture again and again, each time a little cropped,
 * with its class's name in one of the data set's templates. Validation pictures are the exams.
 */
public final class PictureCurriculum implements Curriculum {
    private static final int EXAMINED = 500;

    /** The least share of a side that a crop keeps. */
    private static final double CROP = .8;

    private record Labelled(Picture picture, int label) {}

    private record Source(String name, Prompts prompts, List<Labelled> train, Exam exam) {}

    private final List<Source> sources = new ArrayList<>();
    private final String id;

    /** The training and validation pictures of some data sets, all kept in memory at the tower's size. */
    public PictureCurriculum(List<Dataset> datasets) {
        ContentHash hash = new ContentHash();
        for (Dataset dataset : datasets) {
            List<Labelled> train = read(dataset.train(), Integer.MAX_VALUE, hash);
            List<Labelled> exam = read(dataset.validation(), EXAMINED, hash);
            if (train.isEmpty() || exam.isEmpty()) {
                throw InputException.at(
                        dataset.origin(), "no readable picture", "training and validation pictures", "Check the files");
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
                            exam.stream().map(Labelled::picture).toList(),
                            exam.stream().mapToInt(Labelled::label).toArray())));
        }
        this.id = "pictures " + hash.hex().substring(0, 16);
    }

    private static List<Labelled> read(LabelledPictures<?> pictures, int most, ContentHash hash) {
        int side = TinyClip.IMAGE.imageSize();
        List<Labelled> all = new ArrayList<>();
        for (int i = 0; i < pictures.size() && all.size() < most; i++) {
            try {
                Picture small = Resampling.BICUBIC.resize(square(pictures.read(i)), side, side);
                all.add(new Labelled(small, pictures.label(i)));
                hash.add(small.rgb()).add(pictures.label(i));
            } catch (UnreadablePictureException e) {
                hash.add("unreadable"); // and left out, as everywhere
            }
        }
        return all;
    }

    /** The middle of a picture. */
    private static Picture square(Picture picture) {
        int side = Math.min(picture.width(), picture.height());
        return crop(picture, (picture.width() - side) / 2, (picture.height() - side) / 2, side);
    }

    private static Picture crop(Picture picture, int left, int top, int side) {
        byte[] rgb = new byte[side * side * 3];
        for (int y = 0; y < side; y++) {
            System.arraycopy(picture.rgb(), ((top + y) * picture.width() + left) * 3, rgb, y * side * 3, side * 3);
        }
        return new Picture(side, side, rgb);
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

    /** Every data set has the same share of a batch; which picture, which template and how cropped is drawn. */
    @Override
    public List<Shown> batch(PretrainSettings settings, long step) {
        Dice dice = Dice.of(settings.seed(), step);
        List<Shown> batch = new ArrayList<>();
        int whole = TinyClip.IMAGE.imageSize();
        for (int i = 0; i < settings.batch(); i++) {
            Source source = sources.get(i % sources.size());
            Labelled chosen = source.train.get(dice.below(source.train.size()));
            int side = whole - dice.below((int) (whole * (1 - CROP)) + 1);
            Picture part = crop(chosen.picture, dice.below(whole - side + 1), dice.below(whole - side + 1), side);
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
