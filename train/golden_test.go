package train_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"symbridge/train"
)

// The weights after fifty epochs on the karate club, with dropout and batch norm: the same on every processor, with and
// without assembly (-tags purego, GOAMD64=v3, arm64). A change of one of these constants is a change of the bits that the
// project promises and has to stand in the changelog.
func TestGoldenWeights(t *testing.T) {
	golden := map[string]string{
		"gcn":         "b88b4f56e52fd0ce2f4f3960cd6b1c818ab046b0209f349fd33fec7198a26fa2",
		"sage":        "5b84b3abab60ee58d6f71f984f69bc2c09c33a585650f6304ea923736036c15e",
		"gat":         "0833c17b8adb2c36f7ff9835bd2787162167fdd1239affe6933ca6024c1d3eea",
		"gin":         "c42fedd4779655df52cba040396b47d5a812ece1616f9a1e8ac78444241f4b97",
		"transformer": "e9b348f76566895972a1a10e4c8db5b1149451413d31ae29382b3f936e7f832c",
	}
	for _, c := range nodeConfigs() {
		s := karate()
		c.Hidden = 20 // whole tiles and a rest
		m := newModel(t, c, s)
		_, err := train.FitNodes(context.Background(), m, s.Data[0], train.Config{Epochs: 50, WeightDecay: 5e-4, Seed: 3, Clip: 1}, train.Options[float32]{})
		require.NoError(t, err)
		require.Equal(t, golden[c.Model], train.WeightsSHA256(m), c.Model)
	}
}
