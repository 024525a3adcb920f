# Zero-shot accuracy on custom shapes that have categories, by the text token alone: weights of
# pretrain_folder, trained on the same shapes or on others. RECON_DATA is the folder of the test.
#   RECON_DATA=FOLDER python tools/test.py configs/recon/zeroshot_folder.py CHECKPOINT
# Without categories: recon-mm zeroshot recon/zeroshot_folder CHECKPOINT --classes ... --points ...
_base_ = './pretrain_folder.py'
test_dataloader = dict(dataset=dict(split='all'))
test_evaluator = dict(_delete_=True, type='ZeroShotAccuracy', split=None)
