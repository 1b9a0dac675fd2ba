"""Let TRL prepare and train on the trainer files, with a tiny random model and no network. Run by test_loaders."""

import json
import sys
from pathlib import Path

import datasets
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<eos>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

folder, work = sys.argv[1], Path(sys.argv[2])
preference = datasets.load_dataset(f"{folder}/train", "preference")
sft = datasets.load_dataset(f"{folder}/train", "sft")

built = Tokenizer(models.BPE(unk_token="<unk>"))
built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
special = ["<unk>", "<pad>", "<eos>", "<|user|>", "<|assistant|>", "<|system|>"]
alphabet = pre_tokenizers.ByteLevel.alphabet()
built.train_from_iterator(
    [row["messages"][-1]["content"] for row in sft["train"]],
    trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet),
)
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=built, unk_token="<unk>", pad_token="<pad>", eos_token="<eos>", chat_template=TEMPLATE
)


def tiny() -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


common = {"max_steps": 1, "per_device_train_batch_size": 2, "report_to": [], "use_cpu": True, "bf16": False}
policy = tiny()
dpo = DPOTrainer(
    model=policy,
    ref_model=tiny(),
    args=DPOConfig(output_dir=str(work / "dpo"), **common),
    train_dataset=preference["train"],
    eval_dataset=preference["test"],
    processing_class=tokenizer,
)
dpo_loss = dpo.train().training_loss
tuned = SFTTrainer(
    model=tiny(),
    args=SFTConfig(output_dir=str(work / "sft"), **common),
    train_dataset=sft["train"],
    eval_dataset=sft["test"],
    processing_class=tokenizer,
)
sft_loss = tuned.train().training_loss
print(
    json.dumps(
        {
            "dpo_rows": len(dpo.train_dataset),
            "dpo_columns": sorted(dpo.train_dataset.column_names),
            "dpo_loss": dpo_loss,
            "sft_rows": len(tuned.train_dataset),
            "sft_columns": sorted(tuned.train_dataset.column_names),
            "sft_loss": sft_loss,
        }
    )
)
